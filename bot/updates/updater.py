"""Check a source: fetch, decide what is new, understand it, store it all in one transaction.

    source -> Reader.read -> Snapshot -> decider -> Understanding.article -> UpdateStore.record

It sequences and nothing else: what is new is `decider`'s to say, when to come back `schedule`'s, who gets what
`delivery.planner`'s. A source that fails is a result, not a crash.
"""
