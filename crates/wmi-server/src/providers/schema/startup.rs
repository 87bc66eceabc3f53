//! What a process can be started with.

super::abstract_classes! {
    /// Parameters of methods, as objects.
    Win32_MethodParameterClass = "" {
    }

    /// How a process is started.
    Win32_ProcessStartup: Win32_MethodParameterClass = "{8502C4DB-5FBB-11D2-AAC1-006008C78BC7}" {
        /// How the process is created; only 0 is taken.
        CreateFlags: u32;
        /// Variables beside those that every process has, as NAME=VALUE.
        EnvironmentVariables: Vec<String>;
        /// How errors are told; they never are.
        ErrorMode: u16;
        /// Colours of a window.
        FillAttribute: u32;
        /// The priority; only 32, the normal one, is taken.
        PriorityClass: u32;
        /// How a window is shown.
        ShowWindow: u16;
        /// Title of a window.
        Title: String;
        /// Desktop of the windows.
        WinstationDesktop: String;
        /// Where a window is.
        X: u32;
        /// Columns of a window.
        XCountChars: u32;
        /// Width of a window.
        XSize: u32;
        /// Where a window is.
        Y: u32;
        /// Lines of a window.
        YCountChars: u32;
        /// Height of a window.
        YSize: u32;
    }
}
