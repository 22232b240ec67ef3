// A static library needs one source: this stands in for a folder that has headers only.
