"""First and last names of the crowd; the named members have their own."""

_FIRST = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara "
    "Richard Susan Joseph Jessica Thomas Karen Carlos Maria Wei Li Ming Priya Arjun Fatima "
    "Omar Yusuf Aiko Kenji Olga Ivan Chloe Louis Emma Lucas Sofia Mateo Amara Kofi Zainab "
    "Hassan Ingrid Lars Nina Pavel Rosa Diego Leila Samir Tara Vikram Wanda Xavier Yara Zoe"
)
_LAST = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez "
    "Lopez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris "
    "Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen "
    "Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez "
    "Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales "
    "Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos "
    "Kim Cox Ward Richardson Watson Brooks Chavez Wood Bennett Gray Mendoza Ruiz Hughes Price "
    "Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez"
)

FIRST = tuple(_FIRST.split())
LAST = tuple(_LAST.split())
