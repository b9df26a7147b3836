"""Who may do a step and who may not: standing in for somebody, interests declared, work handed over by who leaves."""
