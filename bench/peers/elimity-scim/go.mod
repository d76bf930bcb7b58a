module scimd/bench/peers/elimity

go 1.16

require github.com/elimity-com/scim v0.0.0-20240320110924-172bf2aee9c8
