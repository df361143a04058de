//! Countries' codes of three letters, which the Open Repair Data Standard asks for, from those of two (ISO 3166-1).

/// Two letters, then three.
const CODES: &str = "ADAND AEARE AFAFG AGATG ALALB AMARM AOAGO ARARG ATAUT AUAUS AWABW AZAZE BABIH BBBRB BDBGD BEBEL BGBGR BHBHR \
    BOBOL BRBRA BSBHS BTBTN BWBWA BYBLR BZBLZ CACAN CDCOD CHCHE CLCHL CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CYCYP \
    CZCZE DEDEU DJDJI DKDNK DODOM DZDZA ECECU EEEST EGEGY ERERI ESESP ETETH FIFIN FJFJI FOFRO FRFRA GAGAB GBGBR \
    GEGEO GGGGY GHGHA GIGIB GLGRL GRGRC GTGTM GYGUY HKHKG HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD \
    IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KRKOR KWKWT KZKAZ LALAO LBLBN LILIE LKLKA \
    LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MGMDG MKMKD MLMLI MMMMR MNMNG MOMAC MTMLT MUMUS MVMDV MXMEX \
    MYMYS MZMOZ NANAM NENER NGNGA NINIC NLNLD NONOR NPNPL NUNIU NZNZL OMOMN PAPAN PEPER PGPNG PHPHL PKPAK PLPOL \
    PRPRI PSPSE PTPRT PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SCSYC SDSDN SESWE SGSGP SISVN SKSVK SMSMR \
    SNSEN SOSOM SRSUR SSSSD SVSLV SYSYR TDTCD THTHA TJTJK TMTKM TNTUN TOTON TRTUR TTTTO TWTWN TZTZA UAUKR UGUGA \
    USUSA UYURY UZUZB VAVAT VEVEN VNVNM VUVUT WSWSM YEYEM ZAZAF ZMZMB ZWZWE";

/// The country's code of three letters; the one of two where there is no other.
pub(super) fn three_letters(two: &str) -> &str {
    CODES
        .split(' ')
        .filter_map(|code| code.split_at_checked(2))
        .find(|(short, _)| *short == two)
        .map_or(two, |(_, long)| long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_three_letters() {
        for (two, three) in [
            ("PL", "POL"),
            ("DE", "DEU"),
            ("GB", "GBR"),
            ("DK", "DNK"),
            ("AD", "AND"),
        ] {
            assert_eq!(three_letters(two), three);
        }
        assert_eq!(three_letters("XX"), "XX");
        assert!(CODES.split(' ').all(|code| code.len() == 5));
    }
}
