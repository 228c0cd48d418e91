"""What is shown and in which words, without Qt: scene, figures, verdicts, axes, pictures as arrays."""
