"""Pure rules of casework: the flow table, the fold, case numbers, due dates. No time, no chance, no I/O."""
