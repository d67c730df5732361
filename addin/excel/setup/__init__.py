"""Install, doctor, uninstall, and the check in a real Excel."""
