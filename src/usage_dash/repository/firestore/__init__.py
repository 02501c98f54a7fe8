"""Usage documents in Cloud Firestore; only this room knows Google's libraries."""
