//! MS-WMIO: CIM objects to bytes and back
