"""How much of a document is read; past each limit the rest is left out, or the document refused."""

# Bounds of what is kept of a feed and of each entry, in characters.
MAX_TITLE = 1_000
MAX_HTML = 500_000
MAX_GUID = 512
MAX_AUTHOR = 200
# Per entry.
MAX_AUTHORS = 20
# Per document: what comes after them is left out, and the notes say so.
MAX_ENTRIES = 50_000
# A feed has one hub, or two; further ones are left out.
MAX_HUBS = 5
# Open elements in a well-formed document: deeper ones are refused as an attack on whoever
# recurses; feeds with inline XHTML reach some dozens.
MAX_DEPTH = 1_000
# Attributes of one element, namespace declarations aside: more are left out.
MAX_ATTRIBUTES = 100
# Namespaces of one document: more are taken for none, for each is compared with all the others.
MAX_NAMESPACES = 200
# Characters that a document's own entities may expand to, beyond its size.
MAX_EXPANSION = 1_000_000

TOO_MANY = f"only the first {MAX_ENTRIES:,} entries were read"
