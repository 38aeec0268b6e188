"""The whole way, once: files -> checked plan, entries -> the record with them, plan -> paper that was read back.

Whoever calls the functions of these modules, the command line or a program, gets no plan that was not checked, no
record that was not read again, and no paper that does not say what the plan says.
"""
