"""What is written into the .xlam and .xlsm: shim, ribbon, texts of the wizard."""
