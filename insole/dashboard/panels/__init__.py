"""What stands on the screen, one part a module, and the views that lay the parts out."""
