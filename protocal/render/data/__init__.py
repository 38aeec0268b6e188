"""Plan and account -> values for programs and spreadsheets: JSON, CSV, XLSX."""
