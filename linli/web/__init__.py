"""Pages: resident, field, desk, city, administration. Templates, static files and small scripts. No rules here."""
