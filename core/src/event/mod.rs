//! An event, read from flat JSON, and the data set it belongs to.
