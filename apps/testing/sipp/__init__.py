"""SIPp scenarios as parties: the XML, its keywords and actions, the run of a call on the virtual clock."""
