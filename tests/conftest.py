"""The servers and databases that any test may ask for."""

pytest_plugins = ("tests.databases", "tests.golden_support", "tests.servers")
