//! Who a peer is and how a channel is protected: credentials, NTLM, signing and sealing
