//! The MS-WMI interfaces on the wire: methods, stubs and by-value objects, both directions
