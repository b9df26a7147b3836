"""What is asked of somebody beside the diagram, without the token moving: opinions, signatures, departments, votes, copies."""
