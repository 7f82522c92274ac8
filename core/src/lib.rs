//! The simulator. See ARCHITECTURE.md.
