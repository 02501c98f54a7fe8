"""Sources of usage documents behind one small protocol."""
