"""Makes the library's SQLite file: the same bytes each time, from arithmetic and no chance.

    python3 library.py library.db

4,000 books by 200 authors, 24,000 loans, and a view that counts the loans of each book.
"""

import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, timedelta

AUTHORS = 200
BOOKS = 4_000
LOANS = 24_000
FIRST_LOAN = date(2024, 1, 1)
DAYS = 600
STRIDE = 7_919  # a prime: multiples of it, modulo a count, visit everything in no obvious order
NAMES = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "June")
FAMILIES = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Pine", "Rowan", "Yew")
THINGS = ("Garden", "Harbour", "Lantern", "Letter", "Mountain", "River", "Road", "Window", "Winter", "Year")
KINDS = ("A Short History of the", "The Last", "Notes from a", "Beyond the", "The Silent", "Under the")
GENRES = ("biography", "crime", "essay", "novel", "poetry", "science", "travel")

TABLES = """
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE books (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER NOT NULL REFERENCES authors (id),
    genre TEXT NOT NULL, year INTEGER NOT NULL);
CREATE TABLE loans (
    id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books (id),
    day TEXT NOT NULL, days INTEGER NOT NULL);
CREATE INDEX books_by_author ON books (author_id);
CREATE INDEX loans_by_book ON loans (book_id);
CREATE VIEW popular AS
    SELECT books.id, books.title, authors.name AS author, count(*) AS loans
    FROM loans JOIN books ON books.id = loans.book_id JOIN authors ON authors.id = books.author_id
    GROUP BY books.id ORDER BY loans DESC, books.id;
"""


def authors() -> Iterator[tuple[int, str]]:
    for number in range(AUTHORS):
        family = FAMILIES[number // len(NAMES) % len(FAMILIES)]
        yield number + 1, f"{NAMES[number % len(NAMES)]} {family}"


def books() -> Iterator[tuple[int, str, int, str, int]]:
    for number in range(BOOKS):
        turn = number * STRIDE
        title = f"{KINDS[turn % len(KINDS)]} {THINGS[turn // 7 % len(THINGS)]}"
        yield number + 1, title, turn % AUTHORS + 1, GENRES[turn // 3 % len(GENRES)], 1900 + turn % 124


def loans() -> Iterator[tuple[int, int, str, int]]:
    for number in range(LOANS):
        book = (number * number + number * STRIDE) % BOOKS + 1
        day = FIRST_LOAN + timedelta(days=number * DAYS // LOANS)
        yield number + 1, book, day.isoformat(), 3 + number * STRIDE % 26


def make(path: str) -> None:
    """Write the file. It must not exist."""
    library = sqlite3.connect(path)
    library.executescript(TABLES)
    library.executemany("INSERT INTO authors VALUES (?, ?)", authors())
    library.executemany("INSERT INTO books VALUES (?, ?, ?, ?, ?)", books())
    library.executemany("INSERT INTO loans VALUES (?, ?, ?, ?)", loans())
    library.commit()
    library.execute("VACUUM")
    library.close()


if __name__ == "__main__":
    make(sys.argv[1])
