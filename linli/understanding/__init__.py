"""From one sentence to a reading: pure functions, no Django, no database.

``from linli.understanding.reader import read`` and ``from linli.understanding.reading import Reading, Hints``.
"""
