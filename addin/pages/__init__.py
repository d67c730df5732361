"""What is put into a note: tables to export, a page a name, slides that are brought up to date."""
