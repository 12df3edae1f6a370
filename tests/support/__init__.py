"""What tests of the whole house share: the running services, a browser that sings, a link that fails on demand."""
