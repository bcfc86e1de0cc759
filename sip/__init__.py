"""SIP without sockets: messages, transactions, dialogs and timers as pure protocol code."""
