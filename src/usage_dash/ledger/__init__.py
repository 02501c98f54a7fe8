"""Our queryable copy of the usage documents."""
