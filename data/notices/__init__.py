"""Notices: who is told of cases that are late, the queue of messages, and the two ways out: signed web hooks and e-mail.

Nothing leaves the machine unless a setting names where it may go. Messages hold nothing about people.
"""
