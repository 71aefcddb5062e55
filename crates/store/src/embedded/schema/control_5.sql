-- carehook.control schema 5: the rate limit of an API key, and when it was last used
ALTER TABLE api_keys ADD COLUMN rate_limit INTEGER;
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
