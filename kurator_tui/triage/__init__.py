"""What is wrong in the fleet, and why: analysers make findings of rows, correlation makes incidents of findings.

    rows that changed ──engine──► analysers ──► findings ──correlation──► incidents

Analysers (`analysers/`, found by `registry`) are pure: a row in, findings out. `engine` calls them for rows that
changed, for rows that looked at one that changed, and when time alone changes the answer.
"""
