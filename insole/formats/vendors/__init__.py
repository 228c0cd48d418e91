"""One module a format, each with `sniff` and `read`; the table of them is `insole.formats.FORMATS`."""
