"""What was published, or records -> pages and feeds that are fetched over HTTP.

Requests are answered from memory alone (`store.py`); what is in it is looked after beside them (`watching.py`).
"""
