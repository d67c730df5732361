"""LibreOffice Calc as a host: our functions in a headless engine, and the referee of workbooks."""
