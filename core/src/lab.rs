//! Guided labs: a folder of text, a scene and steps with checks on outcomes.
