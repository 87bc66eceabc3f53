//! Network Data Representation 2.0, encoded and decoded with limits
