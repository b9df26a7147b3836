"""Notes on a case: among the case's people or within one department, never for the applicant."""
