"""Speech synthesis: engines behind one interface; they know nothing of sockets, sessions or codecs."""
