//! Every documented status.

use super::WbemStatus;

pub(super) struct Entry {
    pub(super) status: WbemStatus,
    pub(super) name: &'static str,
    pub(super) message: &'static str,
}

macro_rules! statuses {
    ($($constant:ident, $name:literal, $code:literal, $message:literal;)*) => {
        impl WbemStatus {
            $(
                #[doc = concat!("`", $name, "`: ", $message, ".")]
                pub const $constant: Self = Self($code);
            )*
        }

        /// In ascending order.
        pub(super) const TABLE: &[Entry] = &[
            $(Entry { status: WbemStatus::$constant, name: $name, message: $message },)*
        ];
    };
}

#[rustfmt::skip]
statuses! {
    S_NO_ERROR, "WBEM_S_NO_ERROR", 0x0000_0000, "the operation succeeded";
    S_FALSE, "WBEM_S_FALSE", 0x0000_0001, "fewer objects than asked for, or no more of them";
    S_ALREADY_EXISTS, "WBEM_S_ALREADY_EXISTS", 0x0004_0001, "the object exists already";
    S_RESET_TO_DEFAULT, "WBEM_S_RESET_TO_DEFAULT", 0x0004_0002, "the property went back to its default";
    S_DIFFERENT, "WBEM_S_DIFFERENT", 0x0004_0003, "the objects differ";
    S_TIMEDOUT, "WBEM_S_TIMEDOUT", 0x0004_0004, "the time ran out; what is here so far is good";
    S_NO_MORE_DATA, "WBEM_S_NO_MORE_DATA", 0x0004_0005, "there are no more items";
    S_OPERATION_CANCELLED, "WBEM_S_OPERATION_CANCELLED", 0x0004_0006, "the operation was cancelled";
    S_PENDING, "WBEM_S_PENDING", 0x0004_0007, "the operation is still under way";
    S_DUPLICATE_OBJECTS, "WBEM_S_DUPLICATE_OBJECTS", 0x0004_0008, "the same object came more than once";
    S_ACCESS_DENIED, "WBEM_S_ACCESS_DENIED", 0x0004_0009, "the caller may not see some of the resources";
    S_PARTIAL_RESULTS, "WBEM_S_PARTIAL_RESULTS", 0x0004_0010, "some objects or properties could not be returned";
    S_SOURCE_NOT_AVAILABLE, "WBEM_S_SOURCE_NOT_AVAILABLE", 0x0004_0017, "the source of the data is not available";
    S_NEW_STYLE, "WBEM_S_NEW_STYLE", 0x0004_00FF, "the receiver takes objects in the compact form";
    S_LIMITED_SERVICE, "WBEM_S_LIMITED_SERVICE", 0x0004_3001, "the service is restricted";
    S_INDIRECTLY_UPDATED, "WBEM_S_INDIRECTLY_UPDATED", 0x0004_3002, "the object changed through another one";
    E_FAILED, "WBEM_E_FAILED", 0x8004_1001, "the server met an error that it does not name";
    E_NOT_FOUND, "WBEM_E_NOT_FOUND", 0x8004_1002, "the class or instance does not exist";
    E_ACCESS_DENIED, "WBEM_E_ACCESS_DENIED", 0x8004_1003, "the rights, the impersonation level or the encryption do not suffice";
    E_PROVIDER_FAILURE, "WBEM_E_PROVIDER_FAILURE", 0x8004_1004, "the provider failed after it had started";
    E_TYPE_MISMATCH, "WBEM_E_TYPE_MISMATCH", 0x8004_1005, "a value does not fit its CIM type";
    E_OUT_OF_MEMORY, "WBEM_E_OUT_OF_MEMORY", 0x8004_1006, "the server is out of memory";
    E_INVALID_CONTEXT, "WBEM_E_INVALID_CONTEXT", 0x8004_1007, "the context lacks values or holds wrong ones";
    E_INVALID_PARAMETER, "WBEM_E_INVALID_PARAMETER", 0x8004_1008, "a parameter is missing or wrong, or the flags are not allowed";
    E_NOT_AVAILABLE, "WBEM_E_NOT_AVAILABLE", 0x8004_1009, "a resource, often on another computer, cannot be reached";
    E_CRITICAL_ERROR, "WBEM_E_CRITICAL_ERROR", 0x8004_100A, "the server met an internal error that it cannot recover from";
    E_INVALID_STREAM, "WBEM_E_INVALID_STREAM", 0x8004_100B, "a network packet is damaged";
    E_NOT_SUPPORTED, "WBEM_E_NOT_SUPPORTED", 0x8004_100C, "the operation is not supported";
    E_INVALID_SUPERCLASS, "WBEM_E_INVALID_SUPERCLASS", 0x8004_100D, "the superclass is not valid";
    E_INVALID_NAMESPACE, "WBEM_E_INVALID_NAMESPACE", 0x8004_100E, "the namespace does not exist";
    E_INVALID_OBJECT, "WBEM_E_INVALID_OBJECT", 0x8004_100F, "the object is incomplete or malformed";
    E_INVALID_CLASS, "WBEM_E_INVALID_CLASS", 0x8004_1010, "the class does not exist or cannot be used here";
    E_PROVIDER_NOT_FOUND, "WBEM_E_PROVIDER_NOT_FOUND", 0x8004_1011, "the class names a provider that is not registered";
    E_INVALID_PROVIDER_REGISTRATION, "WBEM_E_INVALID_PROVIDER_REGISTRATION", 0x8004_1012, "the registration of the provider is inconsistent";
    E_PROVIDER_LOAD_FAILURE, "WBEM_E_PROVIDER_LOAD_FAILURE", 0x8004_1013, "the provider could not be loaded";
    E_INITIALIZATION_FAILURE, "WBEM_E_INITIALIZATION_FAILURE", 0x8004_1014, "the service or one of its components did not start";
    E_TRANSPORT_FAILURE, "WBEM_E_TRANSPORT_FAILURE", 0x8004_1015, "the network failed";
    E_INVALID_OPERATION, "WBEM_E_INVALID_OPERATION", 0x8004_1016, "the operation is not valid now";
    E_INVALID_QUERY, "WBEM_E_INVALID_QUERY", 0x8004_1017, "the query is wrong: its syntax, or a property that the class does not have";
    E_INVALID_QUERY_TYPE, "WBEM_E_INVALID_QUERY_TYPE", 0x8004_1018, "the query language is not WQL";
    E_ALREADY_EXISTS, "WBEM_E_ALREADY_EXISTS", 0x8004_1019, "the object was only to be created, and exists already";
    E_OVERRIDE_NOT_ALLOWED, "WBEM_E_OVERRIDE_NOT_ALLOWED", 0x8004_101A, "the qualifier may not be overridden";
    E_PROPAGATED_QUALIFIER, "WBEM_E_PROPAGATED_QUALIFIER", 0x8004_101B, "the qualifier is inherited and cannot be deleted here";
    E_PROPAGATED_PROPERTY, "WBEM_E_PROPAGATED_PROPERTY", 0x8004_101C, "the property is inherited and cannot be deleted here";
    E_UNEXPECTED, "WBEM_E_UNEXPECTED", 0x8004_101D, "the calls came in an order that makes no sense";
    E_ILLEGAL_OPERATION, "WBEM_E_ILLEGAL_OPERATION", 0x8004_101E, "the operation is not allowed on this object";
    E_CANNOT_BE_KEY, "WBEM_E_CANNOT_BE_KEY", 0x8004_101F, "the property cannot be a key";
    E_INCOMPLETE_CLASS, "WBEM_E_INCOMPLETE_CLASS", 0x8004_1020, "the class definition is incomplete or not registered";
    E_INVALID_SYNTAX, "WBEM_E_INVALID_SYNTAX", 0x8004_1021, "the syntax of the query is wrong";
    E_NONDECORATED_OBJECT, "WBEM_E_NONDECORATED_OBJECT", 0x8004_1022, "reserved: the object does not say where it comes from";
    E_READ_ONLY, "WBEM_E_READ_ONLY", 0x8004_1023, "the property is read-only";
    E_PROVIDER_NOT_CAPABLE, "WBEM_E_PROVIDER_NOT_CAPABLE", 0x8004_1024, "the provider cannot do this";
    E_CLASS_HAS_CHILDREN, "WBEM_E_CLASS_HAS_CHILDREN", 0x8004_1025, "the change would break a subclass";
    E_CLASS_HAS_INSTANCES, "WBEM_E_CLASS_HAS_INSTANCES", 0x8004_1026, "the class has instances";
    E_QUERY_NOT_IMPLEMENTED, "WBEM_E_QUERY_NOT_IMPLEMENTED", 0x8004_1027, "reserved: the query is not implemented";
    E_ILLEGAL_NULL, "WBEM_E_ILLEGAL_NULL", 0x8004_1028, "a property that must have a value is null";
    E_INVALID_QUALIFIER_TYPE, "WBEM_E_INVALID_QUALIFIER_TYPE", 0x8004_1029, "a qualifier cannot have a value of this type";
    E_INVALID_PROPERTY_TYPE, "WBEM_E_INVALID_PROPERTY_TYPE", 0x8004_102A, "a property cannot have this type";
    E_VALUE_OUT_OF_RANGE, "WBEM_E_VALUE_OUT_OF_RANGE", 0x8004_102B, "the value lies outside the range of its type";
    E_CANNOT_BE_SINGLETON, "WBEM_E_CANNOT_BE_SINGLETON", 0x8004_102C, "the class cannot be a singleton";
    E_INVALID_CIM_TYPE, "WBEM_E_INVALID_CIM_TYPE", 0x8004_102D, "there is no such CIM type";
    E_INVALID_METHOD, "WBEM_E_INVALID_METHOD", 0x8004_102E, "the class has no such method";
    E_INVALID_METHOD_PARAMETERS, "WBEM_E_INVALID_METHOD_PARAMETERS", 0x8004_102F, "the parameters do not fit the method";
    E_SYSTEM_PROPERTY, "WBEM_E_SYSTEM_PROPERTY", 0x8004_1030, "system properties have no qualifiers";
    E_INVALID_PROPERTY, "WBEM_E_INVALID_PROPERTY", 0x8004_1031, "there is no such property";
    E_CALL_CANCELLED, "WBEM_E_CALL_CANCELLED", 0x8004_1032, "the call was cancelled";
    E_SHUTTING_DOWN, "WBEM_E_SHUTTING_DOWN", 0x8004_1033, "the WMI service is stopping";
    E_PROPAGATED_METHOD, "WBEM_E_PROPAGATED_METHOD", 0x8004_1034, "the method is inherited and defined differently";
    E_UNSUPPORTED_PARAMETER, "WBEM_E_UNSUPPORTED_PARAMETER", 0x8004_1035, "the parameters are more complex than is supported";
    E_MISSING_PARAMETER_ID, "WBEM_E_MISSING_PARAMETER_ID", 0x8004_1036, "a parameter lacks its ID";
    E_INVALID_PARAMETER_ID, "WBEM_E_INVALID_PARAMETER_ID", 0x8004_1037, "the ID of a parameter is wrong";
    E_NONCONSECUTIVE_PARAMETER_IDS, "WBEM_E_NONCONSECUTIVE_PARAMETER_IDS", 0x8004_1038, "the IDs of the parameters have a gap";
    E_PARAMETER_ID_ON_RETVAL, "WBEM_E_PARAMETER_ID_ON_RETVAL", 0x8004_1039, "the return value has an ID";
    E_INVALID_OBJECT_PATH, "WBEM_E_INVALID_OBJECT_PATH", 0x8004_103A, "the object path is malformed";
    E_OUT_OF_DISK_SPACE, "WBEM_E_OUT_OF_DISK_SPACE", 0x8004_103B, "the disk of the repository is full";
    E_BUFFER_TOO_SMALL, "WBEM_E_BUFFER_TOO_SMALL", 0x8004_103C, "the buffer is too small";
    E_UNSUPPORTED_PUT_EXTENSION, "WBEM_E_UNSUPPORTED_PUT_EXTENSION", 0x8004_103D, "the provider refuses to write only some of the properties";
    E_UNKNOWN_OBJECT_TYPE, "WBEM_E_UNKNOWN_OBJECT_TYPE", 0x8004_103E, "an object of unknown type or version came over the wire";
    E_UNKNOWN_PACKET_TYPE, "WBEM_E_UNKNOWN_PACKET_TYPE", 0x8004_103F, "a packet of unknown type came over the wire";
    E_MARSHAL_VERSION_MISMATCH, "WBEM_E_MARSHAL_VERSION_MISMATCH", 0x8004_1040, "the version of a packet does not match";
    E_MARSHAL_INVALID_SIGNATURE, "WBEM_E_MARSHAL_INVALID_SIGNATURE", 0x8004_1041, "the signature of a packet is wrong";
    E_INVALID_QUALIFIER, "WBEM_E_INVALID_QUALIFIER", 0x8004_1042, "the qualifier stands on the wrong kind of element";
    E_INVALID_DUPLICATE_PARAMETER, "WBEM_E_INVALID_DUPLICATE_PARAMETER", 0x8004_1043, "a parameter is declared twice";
    E_TOO_MUCH_DATA, "WBEM_E_TOO_MUCH_DATA", 0x8004_1044, "reserved: too much data waits";
    E_SERVER_TOO_BUSY, "WBEM_E_SERVER_TOO_BUSY", 0x8004_1045, "the server has too much to do";
    E_INVALID_FLAVOR, "WBEM_E_INVALID_FLAVOR", 0x8004_1046, "the flavor of a qualifier is wrong";
    E_CIRCULAR_REFERENCE, "WBEM_E_CIRCULAR_REFERENCE", 0x8004_1047, "a class would derive from itself";
    E_UNSUPPORTED_CLASS_UPDATE, "WBEM_E_UNSUPPORTED_CLASS_UPDATE", 0x8004_1048, "classes cannot be changed in this way";
    E_CANNOT_CHANGE_KEY_INHERITANCE, "WBEM_E_CANNOT_CHANGE_KEY_INHERITANCE", 0x8004_1049, "the key is in use by a subclass or by instances";
    E_CANNOT_CHANGE_INDEX_INHERITANCE, "WBEM_E_CANNOT_CHANGE_INDEX_INHERITANCE", 0x8004_1050, "the index is in use by a subclass or by instances";
    E_TOO_MANY_PROPERTIES, "WBEM_E_TOO_MANY_PROPERTIES", 0x8004_1051, "the class has too many properties";
    E_UPDATE_TYPE_MISMATCH, "WBEM_E_UPDATE_TYPE_MISMATCH", 0x8004_1052, "a subclass has the property with another type";
    E_UPDATE_OVERRIDE_NOT_ALLOWED, "WBEM_E_UPDATE_OVERRIDE_NOT_ALLOWED", 0x8004_1053, "a subclass overrides a qualifier that may not be overridden";
    E_UPDATE_PROPAGATED_METHOD, "WBEM_E_UPDATE_PROPAGATED_METHOD", 0x8004_1054, "a subclass has the method with another signature";
    E_METHOD_NOT_IMPLEMENTED, "WBEM_E_METHOD_NOT_IMPLEMENTED", 0x8004_1055, "the method has no implementation";
    E_METHOD_DISABLED, "WBEM_E_METHOD_DISABLED", 0x8004_1056, "the method is disabled";
    E_REFRESHER_BUSY, "WBEM_E_REFRESHER_BUSY", 0x8004_1057, "the refresher is in use";
    E_UNPARSABLE_QUERY, "WBEM_E_UNPARSABLE_QUERY", 0x8004_1058, "the event query cannot be parsed";
    E_NOT_EVENT_CLASS, "WBEM_E_NOT_EVENT_CLASS", 0x8004_1059, "the class after FROM is not an event";
    E_MISSING_GROUP_WITHIN, "WBEM_E_MISSING_GROUP_WITHIN", 0x8004_105A, "BY needs GROUP WITHIN";
    E_MISSING_AGGREGATION_LIST, "WBEM_E_MISSING_AGGREGATION_LIST", 0x8004_105B, "aggregation over everything is not supported";
    E_PROPERTY_NOT_AN_OBJECT, "WBEM_E_PROPERTY_NOT_AN_OBJECT", 0x8004_105C, "a dot follows a property that is not an object";
    E_AGGREGATING_BY_OBJECT, "WBEM_E_AGGREGATING_BY_OBJECT", 0x8004_105D, "events cannot be grouped by an embedded object";
    E_UNINTERPRETABLE_PROVIDER_QUERY, "WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY", 0x8004_105F, "the event provider registered a query without a class";
    E_BACKUP_RESTORE_WINMGMT_RUNNING, "WBEM_E_BACKUP_RESTORE_WINMGMT_RUNNING", 0x8004_1060, "the repository is in use by the service";
    E_QUEUE_OVERFLOW, "WBEM_E_QUEUE_OVERFLOW", 0x8004_1061, "the consumer takes events too slowly";
    E_PRIVILEGE_NOT_HELD, "WBEM_E_PRIVILEGE_NOT_HELD", 0x8004_1062, "the caller lacks a privilege or has not enabled it";
    E_INVALID_OPERATOR, "WBEM_E_INVALID_OPERATOR", 0x8004_1063, "the operator does not fit the type of the property";
    E_LOCAL_CREDENTIALS, "WBEM_E_LOCAL_CREDENTIALS", 0x8004_1064, "a connection to this computer takes no user and password";
    E_CANNOT_BE_ABSTRACT, "WBEM_E_CANNOT_BE_ABSTRACT", 0x8004_1065, "a class below a concrete one cannot be abstract";
    E_AMENDED_OBJECT, "WBEM_E_AMENDED_OBJECT", 0x8004_1066, "an amended object needs the flag for amended qualifiers to be written";
    E_CLIENT_TOO_SLOW, "WBEM_E_CLIENT_TOO_SLOW", 0x8004_1067, "the client takes objects too slowly";
    E_NULL_SECURITY_DESCRIPTOR, "WBEM_E_NULL_SECURITY_DESCRIPTOR", 0x8004_1068, "the security descriptor is empty";
    E_TIMED_OUT, "WBEM_E_TIMED_OUT", 0x8004_1069, "the operation took too long";
    E_INVALID_ASSOCIATION, "WBEM_E_INVALID_ASSOCIATION", 0x8004_106A, "the association is not valid";
    E_AMBIGUOUS_OPERATION, "WBEM_E_AMBIGUOUS_OPERATION", 0x8004_106B, "the operation is ambiguous";
    E_QUOTA_VIOLATION, "WBEM_E_QUOTA_VIOLATION", 0x8004_106C, "a quota of length, memory or handles is used up";
    E_TRANSACTION_CONFLICT, "WBEM_E_TRANSACTION_CONFLICT", 0x8004_106D, "reserved: transactions are in conflict";
    E_FORCED_ROLLBACK, "WBEM_E_FORCED_ROLLBACK", 0x8004_106E, "reserved: the transaction was rolled back";
    E_UNSUPPORTED_LOCALE, "WBEM_E_UNSUPPORTED_LOCALE", 0x8004_106F, "the locale is not supported";
    E_HANDLE_OUT_OF_DATE, "WBEM_E_HANDLE_OUT_OF_DATE", 0x8004_1070, "the handle is out of date";
    E_CONNECTION_FAILED, "WBEM_E_CONNECTION_FAILED", 0x8004_1071, "the connection to the database failed";
    E_INVALID_HANDLE_REQUEST, "WBEM_E_INVALID_HANDLE_REQUEST", 0x8004_1072, "the handle was asked for in a wrong way";
    E_PROPERTY_NAME_TOO_WIDE, "WBEM_E_PROPERTY_NAME_TOO_WIDE", 0x8004_1073, "the name of a property is longer than 255 characters";
    E_CLASS_NAME_TOO_WIDE, "WBEM_E_CLASS_NAME_TOO_WIDE", 0x8004_1074, "the name of a class is longer than 255 characters";
    E_METHOD_NAME_TOO_WIDE, "WBEM_E_METHOD_NAME_TOO_WIDE", 0x8004_1075, "the name of a method is longer than 255 characters";
    E_QUALIFIER_NAME_TOO_WIDE, "WBEM_E_QUALIFIER_NAME_TOO_WIDE", 0x8004_1076, "the name of a qualifier is longer than 255 characters";
    E_RERUN_COMMAND, "WBEM_E_RERUN_COMMAND", 0x8004_1077, "the command must be run again";
    E_DATABASE_VER_MISMATCH, "WBEM_E_DATABASE_VER_MISMATCH", 0x8004_1078, "the version of the database does not match";
    E_VETO_DELETE, "WBEM_E_VETO_DELETE", 0x8004_1079, "the provider refuses to delete";
    E_VETO_PUT, "WBEM_E_VETO_PUT", 0x8004_107A, "the provider refuses to write";
    E_INVALID_LOCALE, "WBEM_E_INVALID_LOCALE", 0x8004_1080, "the locale is not valid";
    E_PROVIDER_SUSPENDED, "WBEM_E_PROVIDER_SUSPENDED", 0x8004_1081, "the provider is suspended";
    E_SYNCHRONIZATION_REQUIRED, "WBEM_E_SYNCHRONIZATION_REQUIRED", 0x8004_1082, "the repository must be synchronized first";
    E_NO_SCHEMA, "WBEM_E_NO_SCHEMA", 0x8004_1083, "there is no schema";
    E_PROVIDER_ALREADY_REGISTERED, "WBEM_E_PROVIDER_ALREADY_REGISTERED", 0x8004_1084, "the provider is registered already";
    E_PROVIDER_NOT_REGISTERED, "WBEM_E_PROVIDER_NOT_REGISTERED", 0x8004_1085, "the provider is not registered";
    E_FATAL_TRANSPORT_ERROR, "WBEM_E_FATAL_TRANSPORT_ERROR", 0x8004_1086, "the network failed for good";
    E_ENCRYPTED_CONNECTION_REQUIRED, "WBEM_E_ENCRYPTED_CONNECTION_REQUIRED", 0x8004_1087, "the namespace demands an encrypted connection";
    E_PROVIDER_TIMED_OUT, "WBEM_E_PROVIDER_TIMED_OUT", 0x8004_1088, "the provider took too long";
    E_NO_KEY, "WBEM_E_NO_KEY", 0x8004_1089, "an instance was written without values for its keys";
    E_PROVIDER_DISABLED, "WBEM_E_PROVIDER_DISABLED", 0x8004_108A, "the provider is disabled";
    E_REGISTRATION_TOO_BROAD, "WBEM_E_REGISTRATION_TOO_BROAD", 0x8004_2001, "the event registration covers too much";
    E_REGISTRATION_TOO_PRECISE, "WBEM_E_REGISTRATION_TOO_PRECISE", 0x8004_2002, "the event query needs WITHIN";
    ESS_E_AUTHZ_NOT_PRIVILEGED, "WBEMESS_E_AUTHZ_NOT_PRIVILEGED", 0x8004_2003, "the caller may not subscribe to this event";
    E_RETRY_LATER, "WBEM_E_RETRY_LATER", 0x8004_3001, "try again later";
    E_RESOURCE_CONTENTION, "WBEM_E_RESOURCE_CONTENTION", 0x8004_3002, "a resource is in use by another";
    MOF_E_EXPECTED_QUALIFIER_NAME, "WBEMMOF_E_EXPECTED_QUALIFIER_NAME", 0x8004_4001, "expected the name of a qualifier";
    MOF_E_EXPECTED_SEMI, "WBEMMOF_E_EXPECTED_SEMI", 0x8004_4002, "expected `;` or `=`";
    MOF_E_EXPECTED_OPEN_BRACE, "WBEMMOF_E_EXPECTED_OPEN_BRACE", 0x8004_4003, "expected `{`";
    MOF_E_EXPECTED_CLOSE_BRACE, "WBEMMOF_E_EXPECTED_CLOSE_BRACE", 0x8004_4004, "expected `}` or an element of an array";
    MOF_E_EXPECTED_CLOSE_BRACKET, "WBEMMOF_E_EXPECTED_CLOSE_BRACKET", 0x8004_4005, "expected `]`";
    MOF_E_EXPECTED_CLOSE_PAREN, "WBEMMOF_E_EXPECTED_CLOSE_PAREN", 0x8004_4006, "expected `)`";
    MOF_E_ILLEGAL_CONSTANT_VALUE, "WBEMMOF_E_ILLEGAL_CONSTANT_VALUE", 0x8004_4007, "a number is out of range, or a text has no quotes";
    MOF_E_EXPECTED_TYPE_IDENTIFIER, "WBEMMOF_E_EXPECTED_TYPE_IDENTIFIER", 0x8004_4008, "expected a type";
    MOF_E_EXPECTED_OPEN_PAREN, "WBEMMOF_E_EXPECTED_OPEN_PAREN", 0x8004_4009, "expected `(`";
    MOF_E_UNRECOGNIZED_TOKEN, "WBEMMOF_E_UNRECOGNIZED_TOKEN", 0x8004_400A, "unexpected token";
    MOF_E_UNRECOGNIZED_TYPE, "WBEMMOF_E_UNRECOGNIZED_TYPE", 0x8004_400B, "unknown type";
    MOF_E_EXPECTED_PROPERTY_NAME, "WBEMMOF_E_EXPECTED_PROPERTY_NAME", 0x8004_400C, "expected the name of a property or a method";
    MOF_E_TYPEDEF_NOT_SUPPORTED, "WBEMMOF_E_TYPEDEF_NOT_SUPPORTED", 0x8004_400D, "typedefs and enumerations are not supported";
    MOF_E_UNEXPECTED_ALIAS, "WBEMMOF_E_UNEXPECTED_ALIAS", 0x8004_400E, "only a reference can have an alias as its value";
    MOF_E_UNEXPECTED_ARRAY_INIT, "WBEMMOF_E_UNEXPECTED_ARRAY_INIT", 0x8004_400F, "an array must be declared with `[]`";
    MOF_E_INVALID_AMENDMENT_SYNTAX, "WBEMMOF_E_INVALID_AMENDMENT_SYNTAX", 0x8004_4010, "the syntax of the amendment is wrong";
    MOF_E_INVALID_DUPLICATE_AMENDMENT, "WBEMMOF_E_INVALID_DUPLICATE_AMENDMENT", 0x8004_4011, "the amendment stands there twice";
    MOF_E_INVALID_PRAGMA, "WBEMMOF_E_INVALID_PRAGMA", 0x8004_4012, "unknown #pragma";
    MOF_E_INVALID_NAMESPACE_SYNTAX, "WBEMMOF_E_INVALID_NAMESPACE_SYNTAX", 0x8004_4013, "the syntax of the namespace is wrong";
    MOF_E_EXPECTED_CLASS_NAME, "WBEMMOF_E_EXPECTED_CLASS_NAME", 0x8004_4014, "expected the name of a class";
    MOF_E_TYPE_MISMATCH, "WBEMMOF_E_TYPE_MISMATCH", 0x8004_4015, "the value does not fit its type";
    MOF_E_EXPECTED_ALIAS_NAME, "WBEMMOF_E_EXPECTED_ALIAS_NAME", 0x8004_4016, "expected the name of an alias after `$`";
    MOF_E_INVALID_CLASS_DECLARATION, "WBEMMOF_E_INVALID_CLASS_DECLARATION", 0x8004_4017, "the class declaration is wrong";
    MOF_E_INVALID_INSTANCE_DECLARATION, "WBEMMOF_E_INVALID_INSTANCE_DECLARATION", 0x8004_4018, "the instance declaration is wrong";
    MOF_E_EXPECTED_DOLLAR, "WBEMMOF_E_EXPECTED_DOLLAR", 0x8004_4019, "expected `$` and an alias after `as`";
    MOF_E_CIMTYPE_QUALIFIER, "WBEMMOF_E_CIMTYPE_QUALIFIER", 0x8004_401A, "CIMTYPE cannot be written as a qualifier";
    MOF_E_DUPLICATE_PROPERTY, "WBEMMOF_E_DUPLICATE_PROPERTY", 0x8004_401B, "a property stands there twice";
    MOF_E_INVALID_NAMESPACE_SPECIFICATION, "WBEMMOF_E_INVALID_NAMESPACE_SPECIFICATION", 0x8004_401C, "the namespace is not valid, or on another server";
    MOF_E_OUT_OF_RANGE, "WBEMMOF_E_OUT_OF_RANGE", 0x8004_401D, "the value is out of range";
    MOF_E_INVALID_FILE, "WBEMMOF_E_INVALID_FILE", 0x8004_401E, "the file is no MOF file";
    MOF_E_ALIASES_IN_EMBEDDED, "WBEMMOF_E_ALIASES_IN_EMBEDDED", 0x8004_401F, "embedded objects cannot have aliases";
    MOF_E_NULL_ARRAY_ELEM, "WBEMMOF_E_NULL_ARRAY_ELEM", 0x8004_4020, "null elements in arrays are not supported";
    MOF_E_DUPLICATE_QUALIFIER, "WBEMMOF_E_DUPLICATE_QUALIFIER", 0x8004_4021, "a qualifier stands there twice";
    MOF_E_EXPECTED_FLAVOR_TYPE, "WBEMMOF_E_EXPECTED_FLAVOR_TYPE", 0x8004_4022, "expected a flavor";
    MOF_E_INCOMPATIBLE_FLAVOR_TYPES, "WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES", 0x8004_4023, "EnableOverride and DisableOverride exclude each other";
    MOF_E_MULTIPLE_ALIASES, "WBEMMOF_E_MULTIPLE_ALIASES", 0x8004_4024, "the alias is used twice";
    MOF_E_INCOMPATIBLE_FLAVOR_TYPES2, "WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES2", 0x8004_4025, "Restricted excludes ToInstance and ToSubClass";
    MOF_E_NO_ARRAYS_RETURNED, "WBEMMOF_E_NO_ARRAYS_RETURNED", 0x8004_4026, "a method cannot return an array";
    MOF_E_MUST_BE_IN_OR_OUT, "WBEMMOF_E_MUST_BE_IN_OR_OUT", 0x8004_4027, "a parameter must be In or Out";
    MOF_E_INVALID_FLAGS_SYNTAX, "WBEMMOF_E_INVALID_FLAGS_SYNTAX", 0x8004_4028, "the syntax of the flags is wrong";
    MOF_E_EXPECTED_BRACE_OR_BAD_TYPE, "WBEMMOF_E_EXPECTED_BRACE_OR_BAD_TYPE", 0x8004_4029, "expected `};`, or a type that exists";
    MOF_E_UNSUPPORTED_CIMV22_QUAL_VALUE, "WBEMMOF_E_UNSUPPORTED_CIMV22_QUAL_VALUE", 0x8004_402A, "a qualifier uses a feature of CIM 2.2 that is not supported";
    MOF_E_UNSUPPORTED_CIMV22_DATA_TYPE, "WBEMMOF_E_UNSUPPORTED_CIMV22_DATA_TYPE", 0x8004_402B, "the data type of CIM 2.2 is not supported";
    MOF_E_INVALID_DELETEINSTANCE_SYNTAX, "WBEMMOF_E_INVALID_DELETEINSTANCE_SYNTAX", 0x8004_402C, "the syntax of #pragma deleteinstance is wrong";
    MOF_E_INVALID_QUALIFIER_SYNTAX, "WBEMMOF_E_INVALID_QUALIFIER_SYNTAX", 0x8004_402D, "the syntax of the qualifier is wrong";
    MOF_E_QUALIFIER_USED_OUTSIDE_SCOPE, "WBEMMOF_E_QUALIFIER_USED_OUTSIDE_SCOPE", 0x8004_402E, "the qualifier is used outside its scope";
    MOF_E_ERROR_CREATING_TEMP_FILE, "WBEMMOF_E_ERROR_CREATING_TEMP_FILE", 0x8004_402F, "the temporary file could not be created";
    MOF_E_ERROR_INVALID_INCLUDE_FILE, "WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE", 0x8004_4030, "the included file is not valid";
    MOF_E_INVALID_DELETECLASS_SYNTAX, "WBEMMOF_E_INVALID_DELETECLASS_SYNTAX", 0x8004_4031, "the syntax of #pragma deleteclass is wrong";
}
