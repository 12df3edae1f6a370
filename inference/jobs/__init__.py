"""Durable judging: one workflow for each take, one step for each stage."""
