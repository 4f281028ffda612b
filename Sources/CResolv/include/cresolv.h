// A small C surface over glibc's resolver: one question to one name server, or to the machine's own.
#pragma once
