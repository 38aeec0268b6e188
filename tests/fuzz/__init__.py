"""Inputs that nobody would write, tried by the thousand: how they are made, how a command meets them, its laws."""
