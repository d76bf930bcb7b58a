# SPDX-License-Identifier: Apache-2.0
"""Random filters and patches, put to scimd and to libraries of others."""
