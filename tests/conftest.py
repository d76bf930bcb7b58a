# SPDX-License-Identifier: Apache-2.0
"""Fixtures of everything that drives a running scimd over HTTP.

One server for each combination of store and settings, started when the
first test asks for it and stopped at the end: a test makes resources of its
own and leaves those of others alone.
"""

import os

import pytest

from scimd_server import BINARY, TEST_STORE, Server


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"{BINARY} is missing; build it or set SCIMD_BIN.", 1)


# Tests that look at the file of a server, lock it or break it.
ABOUT_THE_FILE = (
    "test_backup.py", "test_migrate.py", "test_in_flight.py",
    "TestPasswords::test_a_password_is_stored_as_a_salted_hash",
    "TestChanges::test_a_copy_of_the_store_goes_on",
    "TestTenant::test_what_is_done_is_never_done_twice",
    "test_a_write_in_flight", "test_migrate_knows_the_schemas_of_tenants",
    "TestStart::test_a_second_server_on_the_file",
    "TestStart::test_a_newer_database", "TestStart::test_a_file_that_is_none",
    "TestStart::test_a_read_only_file",
    "TestStart::test_flags_come_before_environment",
    "TestDiskFull", "TestDiskFails")


def pytest_collection_modifyitems(items):
    if TEST_STORE == "sqlite":
        return
    skip = pytest.mark.skip(reason="about the SQLite file")
    for item in items:
        if any(name in item.nodeid for name in ABOUT_THE_FILE):
            item.add_marker(skip)


def pytest_generate_tests(metafunc):
    given = [m.args[0] for m in
             metafunc.definition.iter_markers("parametrize")]
    if "store" in metafunc.fixturenames and not any("store" in g
                                                    for g in given):
        both = metafunc.definition.get_closest_marker("both_stores")
        metafunc.parametrize("store",
                             ["sqlite", "memory"] if both else ["sqlite"])


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    """Gives the running server of a store and settings."""
    running = {}

    def server_of(store="sqlite", **settings):
        key = (store, tuple(sorted(settings.items())))
        if key not in running:
            directory = tmp_path_factory.mktemp("server")
            running[key] = Server(directory, store, key[1]).start()
        return running[key]

    yield server_of
    for server in running.values():
        server.stop()


@pytest.fixture
def server(request, servers, store):
    marker = request.node.get_closest_marker("settings")
    return servers(store, **(marker.kwargs if marker else {}))


@pytest.fixture
def scim(server):
    """A caller that may do everything, on a connection of its own."""
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def own_server(tmp_path):
    """Starts servers that no other test sees."""
    started = []

    def start(**options):
        started.append(Server(tmp_path / f"own{len(started)}", **options))
        return started[-1].start()

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def own(own_server):
    """A caller on a server that holds nothing yet."""
    client = own_server().client()
    yield client
    client.close()


@pytest.fixture
def config(scim):
    """What the server says it supports."""
    return scim.get("/ServiceProviderConfig").json
