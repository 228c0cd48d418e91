"""Text to numbers, whatever the vendor: lines and encodings, tables of columns, decimal numbers, grids of cells."""
