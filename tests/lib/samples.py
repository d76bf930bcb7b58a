# SPDX-License-Identifier: Apache-2.0
"""Bodies that tests send, and the schemas that say what may be in them."""

import itertools
import json
import pathlib
import secrets

from scim_client import ENTERPRISE, GROUP, USER, quote

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"

_number = itertools.count(1)
_run = secrets.token_hex(3)


def fresh(prefix="user"):
    """A name that no other test has."""
    return f"{prefix}-{_run}-{next(_number)}"


def user(**attributes):
    body = {"schemas": [USER], "userName": fresh()}
    body.update(attributes)
    return body


def group(*members, **attributes):
    body = {"schemas": [GROUP], "displayName": fresh("group")}
    if members:
        body["members"] = [{"value": m} for m in members]
    body.update(attributes)
    return body


def full_user(**attributes):
    """A user with a value in every attribute a client may write."""
    name = fresh()
    body = {
        "schemas": [USER, ENTERPRISE],
        "externalId": "Ext-" + name,
        "userName": name,
        "name": {
            "formatted": "Dr. Ada Mary King III",
            "familyName": "King",
            "givenName": "Ada",
            "middleName": "Mary",
            "honorificPrefix": "Dr.",
            "honorificSuffix": "III",
        },
        "displayName": "Ada King",
        "nickName": "Ada",
        "profileUrl": "https://people.example/ada",
        "title": "Analyst",
        "userType": "Employee",
        "preferredLanguage": "en-GB, fr;q=0.5",
        "locale": "en-GB",
        "timezone": "Europe/London",
        "active": True,
        "emails": [
            {"value": name + "@work.example", "type": "work",
             "primary": True, "display": "Work"},
            {"value": name + "@home.example", "type": "home"},
        ],
        "phoneNumbers": [
            {"value": "tel:+44-20-7946-0000", "type": "work"},
            {"value": "tel:+44-20-7946-0001", "type": "mobile",
             "primary": True},
        ],
        "ims": [{"value": name, "type": "xmpp"}],
        "photos": [{"value": "https://people.example/ada.jpg",
                    "type": "photo"}],
        "addresses": [{
            "type": "work",
            "formatted": "12 St James's Square\nLondon SW1Y 4JH",
            "streetAddress": "12 St James's Square",
            "locality": "London",
            "region": "Greater London",
            "postalCode": "SW1Y 4JH",
            "country": "GB",
            "primary": True,
        }],
        "entitlements": [{"value": "reading-room", "type": "place"}],
        "roles": [{"value": "editor", "display": "Editor"}],
        "x509Certificates": [{"value": "MAMCAQU=", "display": "Key 1"}],
        ENTERPRISE: {
            "employeeNumber": "1815",
            "costCenter": "4130",
            "organization": "Analytical Engines",
            "division": "Numbers",
            "department": "Notes",
            "manager": {"value": "26118915-6090-4610-87e4-49d8ca9f808d"},
        },
    }
    body.update(attributes)
    return body


def stored_part(resource):
    """A representation without what the server adds to it."""
    return {k: v for k, v in resource.items()
            if k not in ("id", "meta", "schemas", "groups")}


def eq(attribute, value):
    """The query of a filter for equality."""
    return "?filter=" + quote(f'{attribute} eq {json.dumps(value)}')


def schema(name):
    return json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))


def published(definition):
    """A definition without scimd's own marks, as /Schemas shows it."""
    if isinstance(definition, list):
        return [published(d) for d in definition]
    if isinstance(definition, dict):
        return {k: published(v) for k, v in definition.items()
                if not k.startswith("x-scimd-")}
    return definition
