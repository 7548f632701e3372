"""The types of what pymongo hands out here: documents are plain dictionaries."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

Document = dict[str, Any]
MongoConnection = MongoClient[Document]
MongoDatabase = Database[Document]
MongoCollection = Collection[Document]
