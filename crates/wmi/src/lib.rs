//! The WMI client: connect, query, get
