//! Pictures of a cluster.
