"""The furniture of pages: what surrounds an article, in the words that French and English sites use for it."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.sources.page_main import PARAGRAPH_BYTES, weigh

_ALWAYS = """script, style, noscript, template, svg, canvas, iframe, object, embed, form, button, input, select,
textarea, nav, dialog, audio, video, map, link, meta, [hidden], [aria-hidden=true], [role=navigation], [role=banner],
[role=contentinfo], [role=dialog], [role=alertdialog], [role=search], [role=complementary], [role=menu], [role=toolbar],
body > header, body > footer, body > aside"""

# Words of class names and ids, whole between spaces, hyphens and underscores.
_JUNK_WORDS = r"""
share sharing sharedaddy partage\w* social socials reseaux follow(?:-us)? likes? rating votes?
newsletters? infolettre subscri\w* abonne\w* sign-?up login paywall donat\w* don call-?to-?action cta
cookies? consent gdpr rgpd cmp popup pop-?up modal overlay lightbox banner bandeau alert notice
related similar\w* connexes? recommend\w* suggest\w* a-lire read-?next read-?more-?(?:links|list)
more-?(?:from|stories|articles|posts) trending popular most-?read jp-relatedposts
promo\w* sponsor\w* ads? advert\w* adsense publicite pub outbrain taboola
side-?bar aside widgets? breadcrumbs? ariane pagination pager page-?nav\w* post-?nav\w* menu navbar navigation nav
topbar toolbar masthead site-?(?:header|footer) page-?(?:header|footer) footer pied toc table-of-contents
skip-?link sr-only visually-?hidden screen-?reader\w* language-?(?:switcher|picker) search(?:-?form)?
author-?(?:box|bio|info|card|profile) about-?(?:the-?)?author bio biography a-?propos-?(?:de-?l-)?auteur
post-?tags tag-?list tags tagcloud categories entry-?(?:meta|footer|utility) post-?(?:meta|footer) meta-?data
print-?(?:link|button) caption
"""
_TALK = re.compile(
    r"(?:^|[\s_-])(?:comments?|comment-?(?:list|section|area|thread)|commentaires?|disqus|respond|replies)(?:$|[\s_-])",
    re.IGNORECASE,
)
_JUNK = re.compile(rf"(?:^|[\s_-])(?:{'|'.join(_JUNK_WORDS.split())})(?:$|[\s_-])", re.IGNORECASE)
_KEPT_TAGS = frozenset(
    ["html", "body", "article", "main", "h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "code", "figure"]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

# Headings of what follows an article, one a line.
_TAIL_WORDS = r"""
à lire (?:aussi|également|ensuite)
lire (?:aussi|également)
(?:à voir|voir|lisez) (?:aussi|également)
(?:sur|dans) le même (?:sujet|thème)
dans la même (?:catégorie|rubrique)
articles? (?:similaires|connexes|reliés|recommandés|récents|liés)
(?:vous (?:aimerez|pourriez aimer|devriez aimer)|ça pourrait vous intéresser).{0,40}
les plus (?:lus|populaires|récents)
(?:laisser|laissez|écrire|ajouter) un commentaire
\d* ?commentaires?(?: \(\d+\))?
partager?(?: (?:cet article|ceci|sur).{0,40})?
partagez.{0,40}
infolettre
(?:abonnez|inscrivez)-vous.{0,60}
à propos de l['’]auteur(?:e|rice)?
mots[- ]clés
étiquettes
suivez-nous.{0,40}
publicité
related(?: (?:articles?|posts?|stories|reading|content|links))?
read (?:next|also|more)
see also
more (?:from|on|stories|like).{0,60}
you (?:may|might) (?:also )?(?:like|enjoy|be interested).{0,40}
recommended(?: (?:for you|reading|articles?|stories))?
most (?:read|popular)
trending(?: now)?
(?:popular|recent) (?:posts|articles|stories)
leave a (?:reply|comment)
post a comment
\d* ?(?:comments?|responses?|replies)(?: \(\d+\))?
join the (?:discussion|conversation)
share(?: (?:this|on).{0,40})?
newsletter
(?:subscribe|sign up).{0,60}
about the authors?
tags?
follow us.{0,40}
what to read next
up next
advertisement
"""
_TAIL_HEADING = re.compile(rf"^\W*(?:{'|'.join(_TAIL_WORDS.strip().splitlines())})\W*$", re.IGNORECASE)
_ASIDE_LINE = re.compile(
    r"^\W*(?:(?:à )?lire aussi|à lire (?:aussi|également)|voir aussi|read (?:also|more|next)|also read|see also|"
    r"related|recommended|à écouter|à voir)\s*[:»›→|-]",
    re.IGNORECASE,
)
_LONE_WORDS = r"""
publicité
advertisement
annonce
partager(?: cet article)?
share(?: this(?: article)?)?
imprimer
print
(?:hide|show|view) captions?
(?:masquer|afficher|voir) la légende
story highlights
\d* ?(?:comments?|commentaires?)
tweet(?:er)?
facebook|twitter|linkedin|whatsapp
copier le lien
copy link
\d+ (?:partages?|shares?)
retour en haut
back to top
(?:temps de lecture|lecture)\s*:?\s*\d+\s*min(?:utes?)?
\d+\s*min(?:utes?)? (?:de lecture|read)
skip to (?:main )?content
aller au contenu(?: principal)?
abonnez-vous (?:à|maintenant).{0,80}
subscribe (?:to|now).{0,80}
(?:©|\(c\) \d{4}|copyright\b|tous droits réservés|all rights reserved).{0,200}
"""
_LONE_LINE = re.compile(rf"^\W*(?:{'|'.join(_LONE_WORDS.strip().splitlines())})\W*$", re.IGNORECASE)

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BOXES = ("div", "section", "aside", "footer")
_BOX_LENGTH = 3_000
_SILENT = frozenset(("script", "style", "noscript", "template", "svg", "nav", "iframe", "link", "meta", "button"))

MAX_DEPTH = 200


def cut_depths(tree: LexborHTMLParser) -> None:
    """Take away what is nested deeper than any article: questions about subtrees would cost its square."""
    deep: list[LexborNode] = []
    node, depth = tree.body, 0
    while node is not None:
        child = node.first_child
        if child is not None and depth < MAX_DEPTH:
            node, depth = child, depth + 1
            continue
        if child is not None:
            deep.append(node)
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
            if depth <= 0:
                node = None
        node = node.next if node is not None else None
    _remove(deep)


def remove_furniture(tree: LexborHTMLParser) -> None:
    """Take away what is never part of an article, wherever it stands."""
    if tree.body is None:
        return
    _remove([node for node in tree.css(_ALWAYS) if node.tag in _SILENT or not _holds_page(node)])
    weights = weigh(tree.body, PARAGRAPH_BYTES)
    half = weights.get(tree.body.mem_id, 0) / 2
    junk = []
    for node in tree.css("[class], [id], [style]"):
        if node.tag in _KEPT_TAGS:
            continue
        attributes = node.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:1_000]
        if _TALK.search(names):
            remove = True  # discussions are often longer than what they are about
        elif _JUNK.search(names) or _HIDDEN.search((attributes.get("style") or "")[:1_000]):
            remove = weights.get(node.mem_id, 0) <= half
        else:
            continue
        if remove and not _holds_page(node):
            junk.append(node)
    _remove(junk)


def _holds_page(node: LexborNode) -> bool:
    """Wrappers of whole pages are named after what else is in them ("has-sidebar"); old sites wrap them into a form."""
    return node.css_first("h1, main, [itemprop=articleBody]") is not None


def remove_tails(root: LexborNode) -> None:
    """Take away blocks headed "Related articles", "Comments" and the like, and lines that only point elsewhere."""
    tails: list[LexborNode] = []
    for node in root.css("h2, h3, h4, h5, h6, p, strong"):
        text = " ".join(node.text()[:160].split())
        if 0 < len(text) < 90 and _TAIL_HEADING.match(text):
            tails += _headed_by(node, root)
        elif node.tag == "p" and ((_ASIDE_LINE.match(text) and node.css_first("a")) or _LONE_LINE.match(text)):
            tails.append(node)
    _remove(tails)
    _remove([node for node in root.css("ul, ol, div, section, table") if is_link_list(node)])


def is_lone_line(text: str) -> bool:
    """Whether a line is a button or a label of the page, in whatever element it stands."""
    return _LONE_LINE.match(text) is not None


def is_link_list(node: LexborNode) -> bool:
    """A list of places to go rather than a text with links in it."""
    links = node.css("a")
    if len(links) < 3 or node.css_first("p, h1, h2, blockquote, pre, img") is not None:
        return False
    length = len("".join(node.text().split()))
    return sum(len("".join(link.text().split())) for link in links) > 0.8 * length


def _headed_by(heading: LexborNode, root: LexborNode) -> list[LexborNode]:
    """A heading with what it heads: its own box when it opens one, else all up to the next heading."""
    parent = heading.parent
    boxed = parent is not None and parent.mem_id != root.mem_id and parent.tag in _BOXES
    if parent is not None and boxed and len(parent.text()) < _BOX_LENGTH:
        return [parent]
    block = [heading]
    if heading.tag in _HEADINGS:
        after = heading.next
        while after is not None and after.tag not in _HEADINGS:
            block.append(after)
            after = after.next
    return block


def _remove(nodes: list[LexborNode]) -> None:
    """Remove nodes from their tree; those inside another of them go with it, and are not touched a second time."""
    chosen = {node.mem_id for node in nodes}
    outermost: dict[int, LexborNode] = {}
    for node in nodes:
        above = node.parent
        while above is not None and above.mem_id not in chosen:
            above = above.parent
        if above is None:
            outermost[node.mem_id] = node
    for node in outermost.values():
        node.decompose()
