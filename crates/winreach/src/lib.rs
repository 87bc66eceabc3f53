//! Windows management from any machine: the command line and the facade
